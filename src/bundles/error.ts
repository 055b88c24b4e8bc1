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
  // moving
  | 'name_invalid'
  | 'bundle_unknown'
  | 'storage_invalid'
  | 'publish_refused'
  | 'unreachable'
  | 'activation_failed';

/** A bundle could not be built, was refused, or could not be moved. */
export class BundleError extends RegateError<BundleErrorCode> {}
