import { BundleError } from './error.js';

/** A bundle's name is part of addresses and of file names: lower-case letters, digits, `-` and `_`. */
export const BUNDLE_NAME = '^[a-z0-9][a-z0-9_-]{0,63}$';

const pattern = new RegExp(BUNDLE_NAME);

/** Returns the name. @throws BundleError `name_invalid` */
export function checkBundleName(name: string): string {
  if (pattern.test(name)) return name;
  throw new BundleError(
    'name_invalid',
    `${JSON.stringify(name.slice(0, 80))} cannot name a bundle`,
    'Use 1 to 64 lower-case letters, digits, "-" and "_", beginning with a letter or a digit.',
  );
}
