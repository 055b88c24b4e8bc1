import { RegateError } from '../domain/index.js';

/** Everything that can go wrong with a bundle, from its sources to its activation. */
export type BundleErrorCode =
  // building
  | 'opa_missing'
  | 'opa_version'
  | 'opa_failed'
  | 'definition_invalid'
  | 'policy_invalid'
  | 'tests_failed'
  | 'signing_failed'
  // reading
  | 'archive_invalid'
  | 'archive_too_big'
  | 'delta_unsupported'
  // the signature
  | 'signature_missing'
  | 'signature_count'
  | 'signature_malformed'
  | 'signature_invalid'
  | 'key_unknown'
  | 'key_invalid'
  | 'algorithm_mismatch'
  | 'scope_mismatch'
  // the files it covers
  | 'file_unlisted'
  | 'file_missing'
  | 'file_changed'
  | 'file_unexpected'
  | 'hash_unsupported'
  // what they say
  | 'manifest_invalid'
  | 'outside_roots'
  | 'kind_mismatch'
  | 'test_included'
  | 'entrypoint_missing'
  | 'wasm_missing'
  | 'data_invalid'
  // whether it is the one to use
  | 'serial_missing'
  | 'serial_too_low'
  | 'serial_reused'
  | 'expired'
  | 'mark_invalid'
  | 'fell_back'
  // whether it goes with the others
  | 'incomplete'
  // moving
  | 'name_invalid'
  | 'bundle_unknown'
  | 'channel_unknown'
  | 'revision_unknown'
  | 'roots_overlap'
  | 'promotion_overtaken'
  | 'shadow_not_clean'
  | 'request_invalid'
  | 'storage_invalid'
  | 'publish_refused'
  | 'promotion_refused'
  | 'request_refused'
  | 'unreachable'
  | 'activation_failed';

/** A bundle could not be built, was refused, or could not be moved. */
export class BundleError extends RegateError<BundleErrorCode> {}

/**
 * A bundle cannot be put in force yet, since others that decide with it have not come. It need not be offered again:
 * it is in force with them once {@link inForce} resolves, which it never does where another one came in its place.
 */
export class IncompleteError extends BundleError {
  readonly inForce: Promise<void>;

  /** @param missing what has not come, in words */
  constructor(missing: string, inForce: Promise<void>) {
    super(
      'incomplete',
      `it waits for ${missing}, without which nothing is decided`,
      'Publish what is missing, or look at why it could not be fetched or verified.',
    );
    this.inForce = inForce;
  }
}
