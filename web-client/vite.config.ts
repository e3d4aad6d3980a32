import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const PACKED = /\.(js|css|html|svg|json|txt)$/;

/** zlib cuts its blocks by memLevel, and which cut is best differs by file: a room's shell is 60 kB at most. */
function smallest(bytes: Buffer): Buffer {
  const tries = [6, 7, 8, 9].map((memLevel) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION, memLevel }));
  return tries.reduce((a, b) => (b.length < a.length ? b : a));
}

/** Writes a .gz beside each text file: the server picks one by Accept-Encoding and never compresses itself. */
function packed(): Plugin {
  let folder = 'dist';
  return {
    name: 'packed',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!PACKED.test(name)) continue;
        const path = join(folder, name);
        writeFileSync(`${path}.gz`, smallest(readFileSync(path)));
      }
    },
  };
}

export default defineConfig({
  plugins: [packed()],
  server: { fs: { allow: ['..'] } },
  build: { target: 'es2022', assetsDir: 'assets', assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], restoreMocks: true },
});
