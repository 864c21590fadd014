/** What a model writes for held-out inputs, and how good that is. */
import type { GenerationOptions, Source } from "../generate/index.ts";
import type { Exam } from "../tasks/index.ts";

/** Of an evaluation during training: so many inputs, evenly spread over the held-out part. */
export const EXAMINED = 200;

interface Writer {
  write(source: Source, options: GenerationOptions): Promise<number[][]>;
}
interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Beside the exam's own: how many beams. */
  readonly generation?: GenerationOptions;
  /** Told how many texts are written. */
  readonly progress?: ((texts: number) => void) | undefined;
}

/** A text for each input, in their order; greedy unless told otherwise. */
export async function writeAll(
  { write }: Writer,
  { sources, writing, text }: Exam,
  { signal, generation, progress }: WriteOptions = {},
): Promise<string[]> {
  const { start, ...options } = writing;
  const texts: string[] = [];
  for (const source of sources) {
    signal?.throwIfAborted();
    const count = Object.values(source)[0]!.dims[0]!;
    const rows = Array.from({ length: count }, () => start);
    const written = await write({ source, rows }, { ...options, doSample: false, ...generation });
    texts.push(...written.map(text));
    progress?.(texts.length);
  }
  return texts;
}

/** The scores of what it writes. */
export const examine = async (writer: Writer, exam: Exam, signal?: AbortSignal) =>
  exam.score(await writeAll(writer, exam, { signal }));
