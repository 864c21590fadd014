/** Hugging Face folders in and out. */
export { type FolderOptions, freshWarning, type ModelFolder, openFolder, specOf } from "./folder.ts";
export { checkMemory, machineMemory } from "./memory.ts";
export { type SavedModel, saveFolder } from "./save.ts";
export { type SentenceSettings, sentenceSettings } from "./sentence.ts";
