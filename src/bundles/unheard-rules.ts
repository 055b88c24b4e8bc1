import { type Module, parseModules } from './modules.js';

/** What the composer in `rego/regate` reads of each policy; a policy's other rules are helpers. */
const WORDS: readonly unknown[] = [
  'allow',
  'deny',
  'require_approval',
  'approver',
  'require_scope',
  'mask',
  'limit',
  'label',
];

/**
 * What policies say where the composer does not listen: a package below `policies` that is not `policies.<name>`, or a
 * public rule with a name that is none of the words. A misspelt `deny` would otherwise let everything through.
 *
 * @param cwd where the folders are; complaints name files from there
 * @returns a sentence for each
 * @throws BundleError `policy_invalid` where a file cannot be parsed
 */
export async function findUnheardRules(
  opa: string,
  cwd: string,
  folders: readonly string[],
): Promise<string[]> {
  return unheardRules(await parseModules(opa, cwd, folders));
}

/** The same of modules that were parsed already. */
export function unheardRules(modules: readonly Module[]): string[] {
  return modules.flatMap(unheardIn);
}

function unheardIn({ file, package: [root, ...name], rules }: Module): string[] {
  if (root !== 'policies') return [];
  if (name.length !== 1) {
    return [
      `${file}: a policy's package is \`policies.<name>\`; ${[root, ...name].join('.')} is never heard`,
    ];
  }
  const names = new Set(rules.map(({ head }) => head.ref[0]?.value ?? ''));
  return [...names]
    .filter((rule) => !String(rule).startsWith('_') && !WORDS.includes(rule))
    .map((rule) => `${file}: ${rule} is none of ${WORDS.join(', ')}; a helper's name begins with _`);
}
