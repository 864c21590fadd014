/** Hugging Face folders in and out. */
export { adapterPaths } from "./adapter-folder.ts";
export { type AdapterSummary, summarizeAdapter } from "./adapter-summary.ts";
export { type FolderOptions, type ModelFolder, openAdapted, openFolder, specOf, taskOf } from "./folder.ts";
export { freshWarning } from "./heads.ts";
export { checkMemory, machineMemory } from "./memory.ts";
export { type SavedModel, saveFolder } from "./save.ts";
export { type SentenceSettings, sentenceSettings } from "./sentence.ts";
export { folderTokenizer, tokenizerHome } from "./tokenizer-home.ts";
