/** A part of a tool's definition that can change by itself. `other` is all but the name, what has a part, and `execution`. */
export type ToolPart = 'title' | 'description' | 'input_schema' | 'output_schema' | 'annotations' | 'other';

/** For each part that is there, `sha256:` and the hex digest of its canonical text (RFC 8785). */
export type ToolParts = Readonly<Partial<Record<ToolPart, string>>>;

/** The same of what a server says of itself. */
export type ServerParts = Readonly<Partial<Record<'instructions' | 'info', string>>>;

/** What becomes of calls. */
export type PinAction = 'allow' | 'hold' | 'deny';

/** What of an upstream was looked at and found good. */
export interface UpstreamPins {
  readonly tools: Readonly<Record<string, ToolParts>>;
  readonly server?: ServerParts;
}

/** Which definitions were looked at, by upstream: `data.settings.pins` of a bundle. */
export interface Pins {
  readonly unpinned: PinAction;
  readonly changed: PinAction;
  readonly suspicious: PinAction;
  readonly upstreams: Readonly<Record<string, UpstreamPins>>;
}
