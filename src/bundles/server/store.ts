import type { Revision } from '../../domain/index.js';

/** A revision that was published, and by whom; it never changes. */
export interface PublishedRevision extends Revision {
  /** RFC 3339, UTC. */
  readonly published_at: string;
  /** Principal id. */
  readonly published_by: string;
  /** Missing where the bundle has none. */
  readonly serial?: number;
  /** RFC 3339, UTC; missing where it never expires. */
  readonly expires?: string;
  /** Of an older bundle that was signed anew: the revision that it goes back to. */
  readonly rollback_to?: string;
  /** The parts of `data` that it owns, as a manifest writes them: `settings/roles`; `''` is all of data. */
  readonly roots: readonly string[];
}

/** What is current in a channel of a bundle, since when and by whom. */
export interface ChannelState extends PublishedRevision {
  readonly channel: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  /** Id of the principal who published or promoted it there. */
  readonly by: string;
  /** The channel that it was promoted from; missing where it was published here. */
  readonly promoted_from?: string;
}

/** Judges by all that is current, and answers with what is to be current in one channel. What it throws changes nothing. */
export type Decide = (current: readonly ChannelState[]) => ChannelState;

/**
 * What a bundle server keeps: archives by their digest, the published revisions of each bundle, and its channels.
 * Several processes may share one store. Names and digests were checked by the caller.
 */
export interface RevisionStore {
  /**
   * Makes a revision the current one of a channel, whole or not at all, also where the process is killed meanwhile.
   * Where others do so at the same moment, no channel goes back to a lower serial. What `decide` is shown is every
   * channel of every bundle; it may be asked again, and is to answer one channel each time.
   *
   * @param archive the revision's, where it may not be published yet
   */
  advance(decide: Decide, archive?: Buffer): Promise<ChannelState>;
  /** What is current in a channel; undefined where nothing is. */
  current(bundle: string, channel: string): Promise<ChannelState | undefined>;
  /** What is current in the channels of a bundle, by the channels' names. */
  channels(bundle: string): Promise<readonly ChannelState[]>;
  /** All revisions of a bundle that were ever published, the newest first. */
  revisions(bundle: string): Promise<readonly PublishedRevision[]>;
  /** A published revision of a bundle by its digest. */
  find(bundle: string, digest: string): Promise<PublishedRevision | undefined>;
  /** The archive of a revision that was published, under any name; undefined where there is none. */
  archive(digest: string): Promise<Buffer | undefined>;
}
