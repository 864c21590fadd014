/** What the command line says when something goes wrong, and the exit status that it ends with. */
import { CommanderError } from "commander";

/** 0 done; 1 failed while running; 2 wrong usage or input; 130 interrupted. */
export const Status = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Something is wrong with what the user gave: the process ends with status 2. */
export class UserError extends Error {
  override name = "UserError";
  /** What to do about it. */
  readonly remedy: string | undefined;

  constructor(message: string, { remedy, cause }: { readonly remedy?: string; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

/** The result of looking at what the user gave: every error in it is one of theirs. */
export async function checked<T>(check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError((error as Error).message, { cause: error });
  }
}

/** An error in words: one line each. */
export interface Complaint {
  readonly status: number;
  readonly message: string;
  readonly remedy?: string;
}

/** `where` is the command line's beginning, whose help lists what there is: "trainformer train". */
export function complaintOf(error: unknown, where: string): Complaint {
  if (error instanceof CommanderError) return { status: Status.usage, ...ofCommander(error, `${where} --help`) };
  const { message, remedy }: Pick<UserError, "message"> & Partial<UserError> =
    error instanceof Error ? error : new Error(String(error));
  const status = error instanceof UserError ? Status.usage : Status.failed;
  return { status, message: oneLine(message), ...(remedy !== undefined && { remedy: oneLine(remedy) }) };
}

/** "error: unknown option '--stepz'\n(Did you mean --steps?)" → the message, and what to do. */
function ofCommander({ message, code }: CommanderError, help: string): Omit<Complaint, "status"> {
  if (code === "commander.help") return { message: "no command is given", remedy: `"${help}" lists them` };
  const [, what, suggestion] = /^(?:error: )?(.*?)\.?\s*(?:\(Did you mean (.*)\?\))?$/s.exec(message) ?? [];
  const said = oneLine(what ?? message);
  if (suggestion !== undefined) return { message: said, remedy: `did you mean ${oneLine(suggestion)}?` };
  return code === "commander.invalidArgument" ? { message: said } : { message: said, remedy: `see "${help}"` };
}

const oneLine = (text: string): string => text.trim().replace(/\s*[\r\n]+\s*/g, " ");
