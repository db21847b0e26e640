/** Draws the PNG icons under public/icons from the one logo. Run by hand when the logo changes; the results are committed. */
import { join } from 'node:path';
import { chromium } from 'playwright';
import { browserFlags, findBrowser } from './find-browser.mjs';
import { root } from './run.mjs';

/** Logo on the dark ground. `fill`: share of the side the drawing takes (maskable icons are cut to a circle of 80 %). */
function icon(side, fill, radius) {
  const scale = (side * fill) / 24;
  const at = (side - 24 * scale) / 2;
  return `<!doctype html><body style="margin:0;background:transparent"><svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">
    <rect width="${side}" height="${side}" rx="${side * radius}" fill="#101419"/>
    <g transform="translate(${at} ${at}) scale(${scale})" fill="none" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">
      <path d="M5.4 2.5h13.2l3 5.2L12 21.8 2.4 7.7z" stroke="#e5e8ec"/><path d="m7.6 9.4 3.4 3.5 5.6-6" stroke="#87b1fd"/>
    </g></svg>`;
}

const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags() });
for (const [name, side, fill, radius] of [
  ['icon-192', 192, 0.66, 0.2],
  ['icon-512', 512, 0.66, 0.2],
  ['maskable-512', 512, 0.5, 0],
  ['touch-180', 180, 0.62, 0],
]) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  await page.setContent(icon(side, fill, radius));
  await page.screenshot({ path: join(root, `public/icons/${name}.png`), omitBackground: true });
  await page.close();
}
await browser.close();
