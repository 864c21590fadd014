"""What transformers (5.23) makes of conversations with templates in the manner of well-known chat models, which are written
here: chat-templates.json beside this file.

    python chat-templates.py
"""
import json
import sys
from pathlib import Path

sys.modules["torch"] = None
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

CHATML = """{%- for message in messages %}
    {%- if loop.first and message.role != 'system' %}
        {{- '<|im_start|>system\\nYou help.<|im_end|>\\n' }}
    {%- endif %}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}"""
LLAMA2 = """{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate user/assistant/user') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"""
LLAMA3 = """{% set ns = namespace(n=0) %}{% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{% set ns.n = ns.n + 1 %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"""
TOOLS = """{%- macro parameters(p) %}{% for name, value in p.properties.items() %}{{ name }}: {{ value.type }}{{ ", " if not loop.last }}{% endfor %}{% endmacro %}
{%- if tools is defined and tools %}
# Tools
{% for tool in tools %}
- {{ tool.function.name }}({{ parameters(tool.function.parameters) }}): {{ tool | tojson }}
{% endfor %}
{%- endif %}
{%- for message in messages -%}
    {%- if message.content is string %}
<{{ message.role }}>{{ message.content }}
    {%- elif message.content %}
<{{ message.role }}>{% for part in message.content | selectattr('type', 'equalto', 'text') %}{{ part.text }}{% endfor %}
    {%- endif %}
    {%- for call in message.tool_calls or [] %}
<call>{{ call.function.name }}({{ call.function.arguments | tojson }})
    {%- endfor %}
{%- endfor %}
{%- if documents %}
{{ documents | map(attribute='title') | join('; ') | upper }}{% endif %}
{%- if custom is defined %} [{{ custom | default('none', true) }}]{% endif %}"""
TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "  Hello 👋\n"}, {"role": "assistant", "content": "Hi, <b>you</b>! "}]
PARTS = [{"role": "user", "content": [{"type": "text", "text": "What is"}, {"type": "image"}, {"type": "text", "text": " this?"}]},
         {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "look", "arguments": {"at": "ä", "n": [1, 2.5, None, True]}}}]}]
TOOL = {"type": "function", "function": {"name": "look", "description": "Looks \"there\"", "parameters": {"type": "object", "properties": {"at": {"type": "string"}, "n": {"type": "array"}}}}}
SAY = [{"role": "user", "content": "And?"}]
CASES = [
    ("chatml", CHATML, TALK, {}), ("chatml", CHATML, TALK + SAY, {"add_generation_prompt": True}), ("chatml", CHATML, SAY, {}),
    ("chatml", CHATML, TALK, {"continue_final_message": True}), ("llama2", LLAMA2, TALK, {}), ("llama2", LLAMA2, TALK + SAY, {}),
    ("llama2", LLAMA2, TALK[1:], {"continue_final_message": True}), ("llama3", LLAMA3, TALK + SAY, {"add_generation_prompt": True}),
    ("llama3", LLAMA3, TALK, {"continue_final_message": True}), ("tools", TOOLS, PARTS, {"tools": [TOOL]}),
    ("tools", TOOLS, PARTS[:1], {"documents": [{"title": "One", "text": "x"}, {"title": "two", "text": "y"}], "custom": ""}),
    ("tools", TOOLS, PARTS[:1], {"continue_final_message": True}), ("llama2", LLAMA2, SAY + SAY, {}),
]


def rendered(template, messages, options):
    t = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"<s>": 0, "</s>": 1}, unk_token="<s>")), bos_token="<s>", eos_token="</s>")
    try:
        return {"text": t.apply_chat_template(messages, chat_template=template, tokenize=False, **options)}
    except Exception as error:
        return {"error": str(error)}


cases = [{"name": name, "template": template, "messages": messages, "options": options, **rendered(template, messages, options)} for name, template, messages, options in CASES]
Path(__file__).with_suffix(".json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
