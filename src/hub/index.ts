/** Hugging Face folders in and out. */
export { type ModelFolder, openFolder, specOf } from "./folder.ts";
