import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));

/** `describe` where there is a Chromium. In continuous integration there has to be one; elsewhere it may be missing. */
export const describeInChromium =
  executablePath === undefined && process.env['CI'] === undefined ? describe.skip : describe;

/** Starts the Chromium of this machine. */
export async function startChromium(): Promise<Browser> {
  if (executablePath === undefined)
    throw new Error(
      'there is no Chromium: install one (apt-get install -y --no-install-recommends chromium), or name it by CHROMIUM',
    );
  // Its sandbox needs what containers forbid, and it sees nothing here but the project's own pages.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
