/** Workers and the command line run from `dist`: build it before the tests. */
export default async function setup() {
  const { build } = (await import(new URL("../tools/build.js", import.meta.url).href)) as { build: () => void };
  build();
}
