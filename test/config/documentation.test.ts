import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../../', import.meta.url));

test('docs/configuration.md is what the schema says; else run node scripts/generate-configuration-docs.mjs', () => {
  const directory = mkdtempSync(join(tmpdir(), 'regate-docs-'));
  const page = join(directory, 'configuration.md');
  execFileSync(process.execPath, [join(project, 'scripts/generate-configuration-docs.mjs'), page]);
  expect(readFileSync(join(project, 'docs/configuration.md'), 'utf8')).toBe(readFileSync(page, 'utf8'));
  rmSync(directory, { recursive: true });
});

test('every key of the schema is described', () => {
  const undescribed: string[] = [];
  const look = (schema: Record<string, unknown>, path: string): void => {
    for (const [name, part] of Object.entries(
      (schema['properties'] ?? {}) as Record<string, typeof schema>,
    )) {
      if (typeof part['description'] !== 'string') undescribed.push(`${path}.${name}`);
      look(part, `${path}.${name}`);
      look((part['items'] ?? {}) as typeof schema, `${path}.${name}[]`);
    }
  };
  const schema = JSON.parse(readFileSync(join(project, 'schemas/config.schema.json'), 'utf8'));
  look(schema, '');
  look(schema.definitions.keys.items, 'keys');
  expect(undescribed).toEqual([]);
});
