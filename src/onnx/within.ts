/** Says in an error which part of a model it is about: `node "h.0/Softmax": attribute "axis": 1.5 is no int64`. */

/** Runs `body`; an error in it gets `part()` in front, which is asked only then. */
export function within<T>(part: () => string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    throw new Error(`${part()}: ${reason(cause)}`, { cause });
  }
}

export const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** A name for an error: short and on one line, whatever is in it. */
export const quoted = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
