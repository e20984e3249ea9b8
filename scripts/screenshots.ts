/**
 * Takes the pictures of editor and dashboard in docs/images anew, all PNGs but motion.png, from a real Node-RED in Chromium.
 * node scripts/screenshots.ts [editor] [inside] [gallery] [monitor]: needs the build; look at every picture afterwards.
 */
import { openBrowser, skip } from '../tests/browser/browser.ts';
import { DashboardRuntime } from '../tests/browser/dashboard-support.ts';
import { shootGallery, shootMonitor } from './screenshots/dashboard.ts';
import { shootEditor } from './screenshots/editor.ts';
import { shootInside } from './screenshots/inside.ts';

const PARTS = { editor: shootEditor, inside: shootInside, gallery: shootGallery, monitor: shootMonitor };

const chosen = process.argv.slice(2);
if (skip) throw new Error(skip);
const runtime = await DashboardRuntime.start();
const browser = await openBrowser('--force-color-profile=srgb', '--hide-scrollbars');
try {
  for (const [name, shoot] of Object.entries(PARTS)) {
    if (chosen.length === 0 || chosen.includes(name)) await shoot(runtime, browser);
  }
} finally {
  await browser.close();
  await runtime.close();
}
