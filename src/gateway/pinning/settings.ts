import { readFileSync } from 'node:fs';
import { type Pins, RegateError, type ShapeCheck, shapeCheck } from '../../domain/index.js';

const {
  $schema: _,
  $id: __,
  ...schema
} = JSON.parse(readFileSync(new URL('../../../schemas/settings/pins.schema.json', import.meta.url), 'utf8'));

/** `data.settings.pins`, by `schemas/settings/pins.schema.json`. */
const isPinsData: ShapeCheck<Pins> = shapeCheck(schema);

/** A bundle's pins cannot be read. */
export class PinsError extends RegateError<'malformed'> {}

/**
 * The pins in a bundle's data.
 *
 * @param text - the JSON of `data.settings.pins`; undefined where the data has none
 * @throws PinsError
 */
export function pinsIn(text: Uint8Array | undefined): Pins | undefined {
  if (text === undefined) return undefined;
  const data: unknown = JSON.parse(Buffer.from(text).toString());
  if (isPinsData(data)) return data;
  throw new PinsError(
    'malformed',
    `pins of a bundle: ${isPinsData.problem('pins')}`,
    'Correct data.settings.pins by schemas/settings/pins.schema.json, and publish the bundle anew.',
  );
}
