import { readFile } from 'node:fs/promises';
import { describeThrown, type JsonObject, withinTime } from '../domain/index.js';
import { fetchDocument } from './document.js';
import { IdentityError, quoted } from './errors.js';
import type { IssuerStatus, Surroundings, TrustedIssuer } from './issuer.js';
import { readJsonObject } from './json-object.js';
import type { IntrospectionOptions, IssuerOptions } from './options.js';
import { checkClaims, type VerifiedClaims } from './verification.js';

/** Everybody can send tokens that nobody knows; so many of them may be asked about at once. */
const MAX_UNDER_WAY = 64;

/**
 * An issuer that is asked about each of its tokens (RFC 7662). Its answers come over TLS, or from this machine, and are
 * held to all rules that hold for the claims of a JWT; one without `iss` is about this issuer, as only it was asked.
 */
export class IntrospectingIssuer implements TrustedIssuer {
  readonly options: IssuerOptions;
  readonly #introspection: IntrospectionOptions;
  readonly #surroundings: Surroundings;
  readonly #closing = new AbortController();
  #underWay = 0;
  #problem: string | undefined;

  constructor(options: IssuerOptions, introspection: IntrospectionOptions, surroundings: Surroundings) {
    this.options = options;
    this.#introspection = introspection;
    this.#surroundings = surroundings;
  }

  async verify(token: string): Promise<VerifiedClaims> {
    const askedAt = this.#surroundings.now(); // its answer may be as old as the question
    const { active, ...claims } = await this.#ask(token);
    if (active !== true)
      throw new IdentityError('token_inactive', 'the issuer says that the token is not active');
    const now = this.#surroundings.now();
    const verified = checkClaims({ iss: this.options.issuer, ...claims }, this.options, now);
    checkType(verified);
    const believedUntil = askedAt / 1000 + this.#introspection.cacheSeconds;
    return { ...verified, believedUntil: Math.min(verified.believedUntil, believedUntil) };
  }

  start(): void {
    // Nothing can be known before there is a token.
  }

  /** Always ready: only the next token can tell whether it works again. */
  status(): IssuerStatus {
    const problem = this.#problem;
    return { issuer: this.options.issuer, ready: true, ...(problem !== undefined && { problem }) };
  }

  close(): void {
    this.#closing.abort();
  }

  async #ask(token: string): Promise<JsonObject> {
    if (this.#underWay >= MAX_UNDER_WAY) throw this.#unavailable('too many tokens are being asked about');
    this.#underWay += 1;
    try {
      const answer = readJsonObject(await this.#post(token));
      this.#problem = undefined;
      return answer;
    } catch (thrown) {
      this.#problem = describeThrown(thrown);
      throw this.#unavailable(this.#problem, thrown);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #post(token: string): Promise<Uint8Array> {
    const { endpoint, clientId, clientSecretFile } = this.#introspection;
    const secret = (await readFile(clientSecretFile, 'utf8')).trimEnd();
    const request = {
      method: 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(secret)}`)}`,
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    };
    return withinTime(this.#surroundings.timeoutMilliseconds, this.#closing.signal, (signal) =>
      fetchDocument(endpoint, this.options.issuer, request, signal),
    );
  }

  #unavailable(why: string, cause?: unknown): IdentityError {
    const message = `${this.options.issuer} cannot be asked about a token: ${why}`;
    return new IdentityError('issuer_unavailable', message, cause);
  }
}

/** A token of type DPoP must name a key (RFC 9449, section 6.2); of others the server does not know what they prove. */
function checkType({ all: { token_type: type }, confirmation }: VerifiedClaims): void {
  const name = typeof type === 'string' ? type.toLowerCase() : type;
  if (name === undefined || name === 'bearer' || (name === 'dpop' && confirmation.key !== undefined)) return;
  throw new IdentityError('binding_unproven', `the token is not a bearer token, but ${quoted(type)}`);
}

/** RFC 6749, section 2.3.1. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
