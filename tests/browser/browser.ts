/** The real browser of the tests and of the scripts that take pictures. CHROMIUM names another one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** Why tests in a browser cannot run; false when they can. */
export const skip = !existsSync(CHROMIUM) && `there is no ${CHROMIUM}; set CHROMIUM`;

export const openBrowser = (...flags: string[]): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS.split(' '), ...flags] });
