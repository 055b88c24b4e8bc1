import type { Revision } from '../domain/index.js';
import { type BundleFiles, readArchive } from './archive.js';
import { canonicalJson, isObject } from './canonical-json.js';
import { writeFileDurably } from './durable-file.js';
import { BundleError } from './error.js';
import { MANIFEST_FILE } from './manifest.js';
import { type ReleaseRequest, releaseOf } from './release.js';
import { type SigningKey, signFiles, verificationKeyOf } from './sign.js';
import { SIGNATURES_FILE } from './signature.js';
import { JsonNumber, readStrictJson, type StrictJson } from './strict-json.js';
import { verifyPublished } from './verify.js';

/** Which older bundle to sign anew, and who does. */
export interface RollbackRequest extends Pick<ReleaseRequest, 'serial' | 'expires'> {
  readonly archive: Buffer;
  /** The bundle's name. */
  readonly bundle: string;
  /** The older bundle's revision, where it was asked for by that: so that nobody gets another one signed. */
  readonly revision?: string;
  /** Signs; the older bundle must be signed by it too. */
  readonly signingKey: SigningKey;
  /** The scope of both signatures; without it the bundle's name. */
  readonly scope?: string;
  /** Where the bundle is written, if anywhere; replaced whole or not at all. */
  readonly outFile?: string;
}

/** A bundle that is an older one but for its serial and its expiry. */
export interface SignedRollback extends Revision {
  readonly serial: number;
  readonly expires?: string;
  readonly archive: Buffer;
  /** Missing where it was not written. */
  readonly file?: string;
}

/**
 * Signs an older bundle anew, with a higher serial and another expiry: so a gateway that never goes back goes forward
 * to it. Its manifest says that it is a rollback; all other files stay byte for byte.
 *
 * @throws BundleError `serial_too_low` where the serial is not higher than the older bundle's; `revision_unknown` where
 * it is of another revision; `key_invalid`, `signing_failed`; whatever {@link verifyPublished} finds in the older bundle
 */
export async function signRollback(request: RollbackRequest): Promise<SignedRollback> {
  const { archive, bundle, signingKey, scope = bundle, outFile } = request;
  const trust = { keys: [verificationKeyOf(signingKey)], bundle, scope };
  const older = await verifyPublished(archive, trust);
  const { revision: name } = older.revision;
  if (request.revision !== undefined && name !== request.revision) throw another(name, request.revision);
  const { serial, expires } = releaseOf(request, undefined);
  if (older.serial !== undefined && serial <= older.serial) {
    throw new BundleError(
      'serial_too_low',
      `the rollback would have the serial ${serial}, and the bundle that it goes back to has ${older.serial}`,
      'Give a higher serial than that of the bundle in force (--serial).',
    );
  }
  const files = await readArchive(archive);
  const manifest = rollbackManifest(files, { serial, to: older.revision.revision, expires });
  const unsigned = new Map([...files, [MANIFEST_FILE, manifest] as const]);
  unsigned.delete(SIGNATURES_FILE);
  const signed = await signFiles(unsigned, signingKey, scope);
  const { revision } = await verifyPublished(signed, trust);
  if (outFile !== undefined) await writeFileDurably(outFile, signed);
  return {
    ...revision,
    serial,
    ...(expires !== undefined && { expires }),
    archive: signed,
    ...(outFile !== undefined && { file: outFile }),
  };
}

function another(found: string, wanted: string): BundleError {
  return new BundleError(
    'revision_unknown',
    `the bundle is of the revision ${JSON.stringify(found)}, and not of ${JSON.stringify(wanted)}`,
    'Name it by its digest, and find out who called it so.',
  );
}

interface Rollback {
  readonly serial: number;
  readonly to: string;
  readonly expires: string | undefined;
}

/** Written from what was read strictly, so that no number in anyone's metadata changes. */
function rollbackManifest(files: BundleFiles, { serial, to, expires }: Rollback): Buffer {
  const manifest = members(readStrictJson(files.get(MANIFEST_FILE) ?? Buffer.of()));
  const metadata = members(manifest.get('metadata'));
  const regate = members(metadata.get('regate'));
  // A bundle of plain `opa build` says nothing of what it reads.
  if (!regate.has('reads')) regate.set('reads', new Map());
  regate.set('serial', new JsonNumber(String(serial)));
  regate.set('rollback', new Map([['to', to]]));
  if (expires === undefined) regate.delete('expires');
  else regate.set('expires', expires);
  return Buffer.from(canonicalJson(manifest.set('metadata', metadata.set('regate', regate))));
}

function members(value: StrictJson | undefined): Map<string, StrictJson> {
  return new Map(value !== undefined && isObject(value) ? value : []);
}
