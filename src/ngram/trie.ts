/**
 * Rows of tokens as paths in a tree, in typed arrays: a node is a number, 0 the root, and one hash table of (node, token)
 * says where a token leads. Counting a text takes one look-up for each token and length.
 */

export interface Trie {
  /** Nodes, the root counted. */
  readonly size: number;
  /** Where `token` leads from `node`; −1: it was never seen there. */
  child(node: number, token: number): number;
  /** The same, made where it is new. */
  grow(node: number, token: number): number;
  readonly parent: (node: number) => number;
  readonly token: (node: number) => number;
}

export function createTrie(capacity = 2 ** 16): Trie {
  let parents = new Int32Array(capacity);
  let tokens = new Int32Array(capacity);
  let slots = new Int32Array(2 * capacity); // a node's number, 0: empty, for the root is nobody's child
  let size = 1;

  /** The slot of (node, token), or the empty one where it belongs. */
  const find = (node: number, token: number): number => {
    const mask = slots.length - 1;
    let at = Math.imul(Math.imul(node, 0x9e3779b1) ^ token, 0x85ebca6b);
    at = (at ^ (at >>> 15)) & mask;
    for (let there = slots[at]!; there !== 0; there = slots[at]!) {
      if (parents[there] === node && tokens[there] === token) break;
      at = (at + 1) & mask;
    }
    return at;
  };
  const enlarge = () => {
    const larger = (old: Int32Array<ArrayBuffer>) => {
      const array = new Int32Array(2 * old.length);
      array.set(old);
      return array;
    };
    parents = larger(parents);
    tokens = larger(tokens);
    slots = new Int32Array(2 * slots.length);
    for (let node = 1; node < size; node++) slots[find(parents[node]!, tokens[node]!)] = node;
  };
  return {
    get size() {
      return size;
    },
    child: (node, token) => slots[find(node, token)]! || -1,
    grow(node, token) {
      let slot = find(node, token);
      if (slots[slot] !== 0) return slots[slot]!;
      if (size === parents.length) {
        enlarge();
        slot = find(node, token);
      }
      parents[size] = node;
      tokens[size] = token;
      slots[slot] = size;
      return size++;
    },
    parent: (node) => parents[node]!,
    token: (node) => tokens[node]!,
  };
}
