import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const PACKED = /\.(js|css|html|svg|json|txt)$/;

/**
 * Writes a .gz beside each text file: the server picks one by Accept-Encoding and never compresses
 * itself. By Debian's zopfli (Apache-2.0, Google's): 4 % smaller than zlib at its best, read by the same
 * inflate; a rural link pays for each byte once a visit, we once a build.
 */
function packed(): Plugin {
  let folder = 'dist';
  return {
    name: 'packed',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => PACKED.test(name));
      execFileSync('zopfli', ['--i15', ...names.map((name) => join(folder, name))]);
    },
  };
}

export default defineConfig({
  plugins: [packed()],
  server: { fs: { allow: ['..'] } },
  build: { target: 'es2022', assetsDir: 'assets', assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], restoreMocks: true },
});
