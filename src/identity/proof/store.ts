/** Where used proofs are kept; `store` implements it. Gateways that share it take each proof once between them. */
export interface ProofStore {
  /**
   * Notes that a proof was used, durably and at once: of two that do it at the same time one is the first.
   *
   * @param digest - of what is unique to the proof
   * @param forgetAt - milliseconds since 1970-01-01T00:00:00Z from which on the proof is too old anyway
   * @returns whether it was not used before
   */
  use(digest: string, forgetAt: number): Promise<boolean>;
  /** The 32 bytes from which the gateways of this store make their nonces; made where there are none. */
  nonceKey(): Promise<Uint8Array>;
}
