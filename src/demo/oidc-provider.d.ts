/** The package brings no types; this is the part that the demo uses. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface AccessToken {
    readonly scope?: string;
    readonly clientId?: string;
  }

  export interface ResourceServer {
    readonly scope: string;
    readonly audience?: string;
    readonly accessTokenFormat: 'jwt' | 'opaque';
    readonly jwt: { readonly sign: { readonly alg: string } };
  }

  export interface Configuration {
    readonly adapter: (model: string) => unknown;
    readonly clients: readonly Readonly<Record<string, unknown>>[];
    readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
    readonly cookies: { readonly keys: readonly string[] };
    readonly responseTypes: readonly string[];
    readonly scopes: readonly string[];
    readonly ttl: { readonly ClientCredentials: (context: unknown, token: AccessToken) => number };
    readonly extraTokenClaims: (context: unknown, token: AccessToken) => Readonly<Record<string, unknown>>;
    readonly features: {
      readonly clientCredentials: { readonly enabled: boolean };
      readonly devInteractions: { readonly enabled: boolean };
      readonly userinfo: { readonly enabled: boolean };
      readonly rpInitiatedLogout: { readonly enabled: boolean };
      readonly resourceIndicators: {
        readonly enabled: boolean;
        readonly defaultResource: () => string;
        readonly getResourceServerInfo: (context: unknown, resource: string) => ResourceServer;
      };
    };
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }

  export const errors: { readonly InvalidTarget: new () => Error };
}
