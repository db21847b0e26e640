/** The same core in Chromium: a page with one worker for each model. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { build } from 'vite';
import { browserFlags, findBrowser } from '../../scripts/find-browser.mjs';
import { root } from '../../scripts/run.mjs';
import { serve } from '../../scripts/serve.mjs';
import { processNumbers } from './process.mjs';

export async function openPage() {
  await build({ configFile: join(root, 'bench/mpk/page/vite.config.ts') });
  const site = await serve({ dir: join(root, 'bench/.out/mpk-page') });
  const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags() });
  return {
    /** A page of its own each time: memory is that of a fresh renderer. */
    async compare(pair) {
      const before = renderers();
      const page = await browser.newPage();
      await page.goto(site.url);
      for (const [i, id] of ['a', 'b'].entries())
        await page.setInputFiles(
          `#${id}`,
          readdirSync(pair[i]).map((name) => join(pair[i], name)),
        );
      const own = renderers().filter((pid) => !before.includes(pid));
      const idle = busiest(own).processor;
      let [peak, processor] = [0, 0];
      const look = () => {
        const now = busiest(own);
        peak = Math.max(peak, now.peak);
        processor = Math.max(processor, now.processor - idle);
      };
      const timer = setInterval(look, 20);
      const { seconds, signals } = await page.evaluate(() => window.mpkBench.compare());
      clearInterval(timer);
      look();
      await page.close();
      return { seconds, processor, peak, signals };
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

/** Process ids of every renderer on this machine. */
function renderers() {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer');
    } catch {
      return false;
    }
  });
}

/** The one that works: the browser also keeps a renderer ready for the next page. */
function busiest(pids) {
  const all = pids.map((pid) => processNumbers(pid));
  return all.sort((a, b) => b.processor - a.processor)[0] ?? { processor: 0, peak: 0 };
}
