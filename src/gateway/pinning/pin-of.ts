import type { ToolParts, UpstreamPins } from '../../domain/index.js';

/** A tool's pin, where it has one; of its own name only: a tool may be called `constructor`. */
export function pinOf(pins: UpstreamPins | undefined, tool: string): ToolParts | undefined {
  return pins !== undefined && Object.hasOwn(pins.tools, tool) ? pins.tools[tool] : undefined;
}
