import { readFileSync } from 'node:fs';
import { type FactSource, type ShapeCheck, shapeCheck } from '../domain/index.js';
import { FactsError } from './error.js';

const {
  $schema: _,
  $id: __,
  ...schema
} = JSON.parse(readFileSync(new URL('../../schemas/settings/facts.schema.json', import.meta.url), 'utf8'));

/** `data.settings.facts`, by `schemas/settings/facts.schema.json`. */
const isFactsData: ShapeCheck<{ readonly arguments: readonly FactSource[] }> = shapeCheck(schema);

/**
 * What a bundle's data says is to be read out of arguments.
 *
 * @param text - the JSON of `data.settings.facts`; undefined where the data has none
 * @throws FactsError `malformed`
 */
export function factSourcesIn(text: Uint8Array | undefined): readonly FactSource[] {
  if (text === undefined) return [];
  const data: unknown = JSON.parse(Buffer.from(text).toString());
  if (isFactsData(data)) return data.arguments;
  throw new FactsError(
    'malformed',
    `facts of a bundle: ${isFactsData.problem('facts')}`,
    'Correct data.settings.facts by schemas/settings/facts.schema.json, and publish the bundle anew.',
  );
}
