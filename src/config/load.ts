import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describeThrown } from '../domain/index.js';
import { type Config, configOf } from './config.js';
import { ConfigError, type Problem } from './errors.js';
import { describePlace, type Finding } from './place.js';
import { validate } from './validate.js';
import { resolveValues } from './values.js';
import { readYaml, type YamlText } from './yaml.js';

/**
 * Reads a configuration file.
 *
 * @param path - of the file, from the current folder
 * @param environment - what `${NAME}` in it stands for
 * @throws ConfigError `not_found`, `not_yaml`, `invalid`, `secret_missing`; each with every problem found
 */
export async function loadConfig(path: string, environment: NodeJS.ProcessEnv): Promise<Config> {
  const file = resolve(path);
  const directory = dirname(file);
  const yaml = readYaml(await readText(file));
  const { value, missing, unresolved } = resolveValues(yaml.value, { environment, directory });
  const checked = validate(value, unresolved);
  if ('findings' in checked && checked.findings.length > 0)
    throw configError('invalid', [...missing, ...checked.findings], yaml);
  if ('findings' in checked || missing.length > 0) throw configError('secret_missing', missing, yaml);
  return configOf(checked.file, directory);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    const message = `the configuration cannot be read: ${describeThrown(thrown)}`;
    throw new ConfigError('not_found', message, 'Name the file, as in `--config regate.yaml`.', [
      { path: '', message },
    ]);
  }
}

const NEXT_STEPS = {
  invalid: 'Correct these; docs/configuration.md describes every key.',
  secret_missing: 'Set the variables and put the files in place, then start again.',
} as const;

function configError(
  code: keyof typeof NEXT_STEPS,
  findings: readonly Finding[],
  yaml: YamlText,
): ConfigError {
  const problems = findings
    .map(({ place, ...words }): Problem => {
      const line = yaml.lineOf(place);
      return { path: describePlace(place), ...(line !== undefined && { line }), ...words };
    })
    .sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new ConfigError(code, `the configuration has ${count}`, NEXT_STEPS[code], problems);
}
