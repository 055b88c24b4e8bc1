/**
 * Writes docs/configuration.md from schemas/config.schema.json. `npm test` checks that the page is up to date.
 *
 *   node scripts/generate-configuration-docs.mjs [file]
 */
import { readFileSync, writeFileSync } from 'node:fs';

const project = new URL('../', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('schemas/config.schema.json', project), 'utf8'));
const example = readFileSync(new URL('test/cases/config/regate.yaml', project), 'utf8');

const INTRODUCTION = `# Configuration

<!-- Written by scripts/generate-configuration-docs.mjs from schemas/config.schema.json: change that instead. -->

One YAML 1.2 file, \`regate.yaml\`, configures the gateway and the bundle server. \`regate config check\` shows every
problem of a file with its line. A key that is not known is an error; so are keys that stand twice and unknown tags.

- \`\${NAME}\` in a value is replaced by that environment variable, which must be set and not empty. Write \`$\${\` for the
  characters themselves. Where a number is wanted the variable's text is read as one.
- Where it says *or \`file:PATH\`*, the value may be read from a file: \`file:keys/bundle.pub.pem\`. White space at the
  file's end is dropped.
- Relative paths start at the configuration's folder.

An editor helps with the file when its first line names the schema:
\`# yaml-language-server: $schema=<path to>/schemas/config.schema.json\`.

## Example

\`\`\`yaml
${example}\`\`\`
`;

const TYPES = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'mapping',
  array: 'list',
};
const FORMATS = {
  'http-url': 'http or https URL',
  'secure-url': 'https URL',
  issuer: 'https URL',
  origin: 'origin',
  host: 'host',
  'ip-address': 'IP address',
  'public-key': 'text',
  'signing-secret': 'text',
  'header-value': 'text',
};

function resolved({ $ref, ...rest }) {
  return $ref === undefined ? rest : { ...schema.definitions[$ref.replace('#/definitions/', '')], ...rest };
}

function range({ minimum, maximum }) {
  return minimum === undefined ? '' : `, ${minimum} to ${maximum}`;
}

function typeOf(part) {
  const {
    type,
    format,
    items,
    additionalProperties,
    enum: words,
    patternHint,
    typeHint,
    readsFile,
  } = resolved(part);
  if (typeHint) return typeHint;
  if (words) return `one of ${words.map((word) => `\`${word}\``).join(', ')}`;
  if (type === 'array') return `list of ${typeOf(items)}`;
  if (typeof additionalProperties === 'object') return `mapping of names to ${typeOf(additionalProperties)}`;
  const words_ = [
    `${FORMATS[format] ?? TYPES[type]}${range(resolved(part))}`,
    patternHint && `(${patternHint})`,
    readsFile && 'or `file:PATH`',
  ];
  return words_.filter(Boolean).join(' ');
}

function defaultOf(part, required) {
  const { default: value, derivedDefault } = resolved(part);
  if (required) return '**required**';
  if (derivedDefault !== undefined) return derivedDefault;
  if (value === undefined) return '–';
  return Object.keys(resolved(part).properties ?? {}).length > 0
    ? 'as below'
    : `\`${JSON.stringify(value)}\``;
}

/** The object whose keys are described in a section of their own, where a value is one or a list of them. */
function sectionOf(part) {
  const { properties, items } = resolved(part);
  if (properties) return { part: resolved(part), suffix: '' };
  return items && resolved(items).properties ? { part: resolved(items), suffix: '[]' } : undefined;
}

function section(path, part) {
  const keys = Object.entries(part.properties);
  const rows = keys.map(([name, value]) => {
    const cells = [
      `\`${name}\``,
      typeOf(value),
      defaultOf(value, part.required?.includes(name)),
      resolved(value).description,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const table = ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  const below = keys.flatMap(([name, value]) => {
    const found = sectionOf(value);
    return found ? section([...path, `${name}${found.suffix}`], found.part) : [];
  });
  const heading = path.length === 0 ? 'The file' : `\`${path.join('.')}\``;
  return [`\n## ${heading}\n\n${table}\n`, ...below];
}

const page = process.argv[2] ?? new URL('docs/configuration.md', project);
writeFileSync(page, INTRODUCTION + section([], schema).join(''));
