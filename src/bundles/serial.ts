import { BundleError } from './error.js';

/** The highest serial under a bundle's name so far, and the one archive that has it. */
export interface HighestSerial {
  readonly serial: number;
  /** `sha256:` and the hex digest of the archive. */
  readonly digest: string;
}

/** That the gateway went back from a bundle by itself, since decisions failed by it. */
export interface FellBack {
  /** Of the bundle that it went back from; that one is not taken again. */
  readonly revision: string;
  readonly digest: string;
  /** Digest of the one that was in force before, and is again. */
  readonly to: string;
}

/** What is known of the bundles that were in force under a name. */
export interface Past {
  readonly highest?: HighestSerial;
  readonly fellBack?: FellBack;
}

/** What a bundle says of how new it is; the serial is missing where it was not built by `regate build`. */
export interface OfferedSerial {
  readonly serial?: number | undefined;
  readonly digest: string;
}

/**
 * No rollback: under one name serials only rise, one serial is one archive, and once there was a serial there is
 * always one. Whoever goes back signs the old bundle anew with a higher serial.
 *
 * @param highest undefined while there was no bundle with a serial
 * @throws BundleError `serial_missing`, `serial_too_low`, `serial_reused`
 */
export function mustNotGoBack(offered: OfferedSerial, highest: HighestSerial | undefined): void {
  if (highest === undefined) return;
  const { serial, digest } = offered;
  if (serial === undefined) throw withoutSerial(`one with the serial ${highest.serial} came before it`);
  if (serial < highest.serial) {
    throw new BundleError(
      'serial_too_low',
      `the bundle has the serial ${serial}, and one with ${highest.serial} came before it`,
      'Build it from a newer commit, or with a higher `--serial`. To go back to an older bundle, sign that with `regate rollback`.',
    );
  }
  if (serial === highest.serial && digest !== highest.digest) {
    throw new BundleError(
      'serial_reused',
      `the bundle has the serial ${serial}, as another one that came before it`,
      'Publish the one that was built first, or build it with a higher `--serial`. If you did not build two, find out who signed the other.',
    );
  }
}

/**
 * The same for a gateway, which may have fallen back: it takes that one bundle besides, and never the one that it fell
 * back from.
 *
 * @throws BundleError `fell_back`, `serial_missing`, `serial_too_low`, `serial_reused`
 */
export function mustBeNext(offered: OfferedSerial, { highest, fellBack }: Past): void {
  if (offered.digest === fellBack?.digest) throw fellBackError(fellBack.revision);
  if (offered.digest !== fellBack?.to) mustNotGoBack(offered, highest);
}

/** @throws BundleError `serial_missing` */
export function mustHaveSerial({ serial }: OfferedSerial): void {
  if (serial === undefined) throw withoutSerial('`require_serial` demands one');
}

function withoutSerial(why: string): BundleError {
  return new BundleError(
    'serial_missing',
    `the bundle has no serial, and ${why}`,
    'Build it with `regate build`, which gives it one.',
  );
}

export function fellBackError(revision: string): BundleError {
  return new BundleError(
    'fell_back',
    `decisions failed by revision ${revision}, so the gateway went back to the bundle before it`,
    'Find out why they failed, and publish a bundle with a higher serial: also the same one, signed anew, is then taken.',
  );
}
