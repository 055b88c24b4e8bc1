/** Where a value stands in a configuration: names of members and indexes of lists, from the root. */
export type Place = readonly (string | number)[];

/** A problem before it is known on which line it stands. */
export interface Finding {
  readonly place: Place;
  readonly message: string;
  readonly suggestion?: string;
}

/** A place for people: `gateway.upstreams[0].url`. */
export function describePlace(place: Place): string {
  return place
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}

/** A place as a key of a set. */
export function pointerTo(place: Place): string {
  return place.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The place of a JSON Pointer (RFC 6901) into a value. */
export function placeOf(pointer: string, root: unknown): Place {
  const place: (string | number)[] = [];
  let value = root;
  for (const escaped of pointer.split('/').slice(1)) {
    const name = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    place.push(Array.isArray(value) ? Number(name) : name);
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }
  return place;
}
