/** Which policy decided: the bundle's name, the revision in its manifest and the digest of its files. */
export interface Revision {
  readonly bundle: string;
  readonly revision: string;
  /** `sha256:` and the hex digest of the bundle as it was downloaded. */
  readonly digest: string;
  /** The data bundles that were in force with it; missing where none is configured. */
  readonly data?: readonly Revision[];
}

/** A place below `input`: member names from the outside in. It stands for all that is under it. */
export type InputPath = readonly string[];

/** A bundle of nothing but data whose signature and files were all verified. Made by `bundles`' verification only. */
export interface VerifiedDataBundle {
  readonly revision: Revision;
  /** The bundle's data document: JSON text in UTF-8. */
  readonly data: Buffer;
  /** Where its data may stand: member names below `data`, from the outside in. */
  readonly roots: readonly InputPath[];
  /** Rises from build to build under one name, at most 2⁵³ − 1; a bundle that `regate build` did not make has none. */
  readonly serial?: number;
  /** From when on it is not to be used any more; RFC 3339, UTC. */
  readonly expires?: string;
  /** The revision that a signed rollback goes back to; it is this bundle's own. */
  readonly rollbackTo?: string;
  /** Id of the key that verified the signature. */
  readonly keyId: string;
}

/** A policy bundle whose signature and files were all verified. Made by `bundles`' verification only. */
export interface VerifiedBundle extends VerifiedDataBundle {
  /** The entrypoint's compiled policy. */
  readonly wasm: Buffer;
  /** Entrypoints the WebAssembly offers, such as `regate/main/decision`. */
  readonly entrypoints: readonly string[];
  /**
   * What of `input` each entrypoint reads at most, found when the bundle was built and signed with it. An entrypoint
   * that is not in it, as in a bundle that was not built by `regate build`, may read everything.
   */
  readonly reads?: ReadonlyMap<string, readonly InputPath[]>;
}
