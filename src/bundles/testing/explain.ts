import type { OpaTest } from './opa-run.js';
import { opaTest, type TestProject } from './project.js';

/** Their names are one argument of a command, which may not be of any length. */
const MOST_EXPLAINED = 200;

/** How OPA names a test. */
export function fullName({ package: path, name }: OpaTest): string {
  return `data.${path}.${name}`;
}

/**
 * What OPA shows of tests that fail: the failing expression with the values of its variables.
 *
 * @returns a text for each test of which there is one, by its full name; for the first 200 at most
 */
export async function explainFailures(
  project: TestProject,
  failed: readonly OpaTest[],
): Promise<ReadonlyMap<string, string>> {
  if (failed.length === 0) return new Map();
  const names = failed.slice(0, MOST_EXPLAINED).map(fullName);
  const { stdout } = await opaTest(project, '--var-values', `--run=^(?:${names.map(quote).join('|')})$`);
  return readFailures(stdout, names);
}

/** Below the heading, a line that begins with a test's name begins what is said of it; all else is indented. */
function readFailures(report: string, names: readonly string[]): Map<string, string> {
  const [, section = ''] = report.split(/^FAILURES\n-+\n/m);
  const texts = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of section.split('\n')) {
    if (/^-+$/.test(line)) break;
    const name = names.find((one) => line.startsWith(`${one}: `));
    if (name !== undefined) {
      current = [];
      texts.set(name, current);
    } else current?.push(line.replace(/^ {2}/, '').trimEnd());
  }
  return new Map([...texts].map(([name, lines]) => [name, lines.filter((line) => line !== '').join('\n')]));
}

function quote(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
