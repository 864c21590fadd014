/** The middle one of an odd number, the upper of the middle two of an even one: what is told of times measured again and again. */
export const median = (xs: readonly number[]): number => xs.toSorted((a, b) => a - b)[xs.length >> 1]!;
