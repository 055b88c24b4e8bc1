import type { Revision } from '../domain/index.js';
import type { BundleErrorCode } from './error.js';

/** What a bundle client tells of; each refusal once for a bundle, an outage once for each reason. */
export type BundleEvent =
  | {
      readonly type: 'activated';
      readonly revision: Revision;
      readonly source: BundleSource;
      /** It is an older one, signed anew: the revision that it goes back to. */
      readonly rollbackTo?: string;
    }
  /** It is as it should be, and in force as soon as the others have come without which nothing is decided. */
  | { readonly type: 'waiting'; readonly revision: Revision; readonly message: string }
  /** It was not activated; what was in force before still is. */
  | Explained<'refused'>
  /** It is in force, but a restart without the server would bring back the one before. */
  | Explained<'not_kept'>
  /** It is past its expiry and still in force; told when that comes, and then `again` every minute. */
  | {
      readonly type: 'expired';
      readonly revision: Revision;
      readonly expires: string;
      readonly again: boolean;
    }
  /** Decisions failed by a bundle that had just come: the one before it is in force again. */
  | {
      readonly type: 'fell_back';
      readonly from: Revision;
      readonly to: Revision;
      /** How many decisions failed by it, of how many. */
      readonly failures: number;
      readonly decisions: number;
    }
  /** Decisions fail by a bundle that has just come, and the one before it could not be put in force. */
  | Explained<'not_fallen_back'>
  | { readonly type: 'unreachable'; readonly message: string };

/** Where a bundle came from. */
export type BundleSource = 'server' | 'disk';

interface Explained<Type extends string> {
  readonly type: Type;
  readonly code: BundleErrorCode;
  readonly message: string;
  readonly nextStep: string;
}
