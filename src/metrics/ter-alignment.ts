/**
 * Tercom's edit distance between a hypothesis and its reference, and which words it pairs: a table of which only a band
 * around the diagonal is filled, as sacreBLEU 2.6 has it.
 */

/** How far from the diagonal the table is filled, in words. */
const BAND = 25;
const UNREACHED = 2 ** 30;
const SUBSTITUTE = 0; // or the same word
const DELETE = 1; // a word of the hypothesis that the reference lacks
const INSERT = 2; // a word of the reference that the hypothesis lacks

export interface Alignment {
  readonly distance: number;
  /** For each word of the reference, the place in the hypothesis it stands at, or before which it lacks: from -1. */
  readonly places: readonly number[];
  /** Which words have no equal in their place. */
  readonly referenceErrors: readonly boolean[];
  readonly hypothesisErrors: readonly boolean[];
}

/**
 * Distances to one reference from hypotheses of one length. What a hypothesis begins with in common with the `align`ed
 * one keeps its part of the table.
 */
export function alignTo(reference: readonly string[], length: number) {
  const width = reference.length + 1;
  const ratio = length > 0 ? reference.length / length : 1;
  const band = BAND < ratio / 2 ? Math.ceil(ratio / 2 + BAND) : BAND;
  const costs = new Int32Array((length + 1) * width).fill(UNREACHED);
  const edits = new Uint8Array((length + 1) * width);
  for (let j = 0; j < width; j++) {
    costs[j] = j;
    edits[j] = INSERT;
  }
  /** The hypothesis whose table stands in `costs`. */
  let filled: readonly string[] = [];

  /** Fills the table's rows that differ; the same word or another comes first, then a deletion, then an insertion. */
  function fill(hypothesis: readonly string[]): void {
    let i = 1;
    while (i <= filled.length && filled[i - 1] === hypothesis[i - 1]) i++;
    for (; i <= length; i++) {
      const middle = Math.floor(i * ratio);
      const first = Math.max(0, middle - band);
      const end = i === length ? width : Math.min(width, middle + band);
      const [row, above] = [i * width, (i - 1) * width];
      for (let j = first; j < end; j++) {
        const paired = j > 0 ? costs[above + j - 1]! + (hypothesis[i - 1] === reference[j - 1] ? 0 : 1) : UNREACHED;
        const deleted = costs[above + j]! + 1;
        const inserted = j > 0 ? costs[row + j - 1]! + 1 : UNREACHED;
        const cost = Math.min(paired, deleted, inserted);
        costs[row + j] = cost;
        edits[row + j] = cost === paired ? SUBSTITUTE : cost === deleted ? DELETE : INSERT;
      }
    }
    filled = hypothesis;
  }

  const distance = (hypothesis: readonly string[]): number => {
    fill(hypothesis);
    return costs[length * width + width - 1]!;
  };

  const align = (hypothesis: readonly string[]): Alignment => {
    const total = distance(hypothesis);
    const places = new Array<number>(reference.length);
    const referenceErrors = new Array<boolean>(reference.length).fill(true);
    const hypothesisErrors = new Array<boolean>(length).fill(true);
    for (let i = length, j = reference.length; i > 0 || j > 0; ) {
      const edit = edits[i * width + j];
      if (edit === DELETE) i--;
      else places[--j] = edit === SUBSTITUTE ? --i : i - 1;
      if (edit === SUBSTITUTE && hypothesis[i] === reference[j]) referenceErrors[j] = hypothesisErrors[i] = false;
    }
    return { distance: total, places, referenceErrors, hypothesisErrors };
  };

  return { distance, align };
}
