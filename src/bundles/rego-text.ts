/** What can be told of a Rego module from its text, as `opa fmt` lays it out: each rule begins a line. */

const TEST_RULE = /^[ \t]*(?:default[ \t]+)?(?:todo_)?test_/m;
const PACKAGE = /^[ \t]*package[ \t]+(\S+)/m;
const PACKAGE_SEGMENT = /\.?([A-Za-z_]\w*)|\["([^"\\]*)"\]/y;

/** Whether a file is for `opa test` only, by its name. */
export function isTestFile(name: string): boolean {
  return name.endsWith('_test.rego');
}

/** Whether a module holds a rule that `opa test` would run, or one that is kept from running by `todo_`. */
export function holdsTestRule(text: string): boolean {
  return TEST_RULE.test(text);
}

/** The path below `data` that a module's package clause names; undefined when it cannot be read. */
export function packagePath(text: string): readonly string[] | undefined {
  const reference = PACKAGE.exec(text)?.[1];
  if (reference === undefined) return undefined;
  const segments: string[] = [];
  PACKAGE_SEGMENT.lastIndex = 0;
  let read = 0;
  while (read < reference.length) {
    const [, plain, quoted] = PACKAGE_SEGMENT.exec(reference) ?? [];
    const segment = plain ?? quoted;
    if (segment === undefined) return undefined;
    segments.push(segment);
    read = PACKAGE_SEGMENT.lastIndex;
  }
  return segments;
}
