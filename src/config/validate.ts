import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { ConfigFile } from './file.js';
import { FORMATS } from './formats.js';
import { KEYWORDS } from './keywords.js';
import { type Finding, placeOf } from './place.js';
import { CONFIG_SCHEMA } from './schema.js';
import { describeViolation } from './wording.js';

/** Annotations: they tell people and this room something, and validate nothing. */
const ANNOTATIONS = ['readsFile', 'derivedDefault', 'patternHint', 'typeHint'];
/** Errors that only repeat what another one says. */
const ECHOES = ['propertyNames'];

let compiled: ValidateFunction<ConfigFile> | undefined;

/** Compiled when it is first needed: most commands read no configuration. */
function configCheck(): ValidateFunction<ConfigFile> {
  if (compiled !== undefined) return compiled;
  const ajv = new Ajv({ allErrors: true, useDefaults: true, verbose: true });
  for (const keyword of ANNOTATIONS) ajv.addKeyword(keyword);
  for (const [keyword, { accepts }] of Object.entries(KEYWORDS))
    ajv.addKeyword({
      keyword,
      validate: (setting: unknown, value: unknown, _schema?: object, within?: { rootData: unknown }) =>
        accepts(setting, value, within?.rootData),
      errors: false,
    });
  for (const [format, { accepts }] of Object.entries(FORMATS)) ajv.addFormat(format, accepts);
  compiled = ajv.compile<ConfigFile>(CONFIG_SCHEMA);
  return compiled;
}

/**
 * Checks a configuration against the schema, and puts the schema's defaults into it.
 *
 * @param unresolved - JSON Pointers of values that are not known and so cannot be wrong
 * @returns the configuration, or everything that is wrong with it
 */
export function validate(
  value: unknown,
  unresolved: ReadonlySet<string>,
): { readonly file: ConfigFile } | { readonly findings: readonly Finding[] } {
  const isConfigFile = configCheck();
  if (isConfigFile(value)) return { file: value };
  const findings = (isConfigFile.errors ?? [])
    .filter(({ keyword, instancePath }) => !ECHOES.includes(keyword) && !unresolved.has(instancePath))
    .map((error) => findingOf(error, value));
  return { findings };
}

function findingOf(error: ErrorObject, value: unknown): Finding {
  const { member, ...words } = describeViolation(error);
  const place = placeOf(error.instancePath, value);
  return { place: member === undefined ? place : [...place, member], ...words };
}
