/** Workers and the command line run from `dist`: build it before the tests, with what a package needs, so that none writes there. */
export default async function setup() {
  const { build } = (await import(new URL("../tools/build.js", import.meta.url).href)) as {
    build: (options: { types: boolean }) => void;
  };
  build({ types: true });
}
