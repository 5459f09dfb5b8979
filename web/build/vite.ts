import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import type { Plugin, ResolvedConfig } from 'vite';

const COMPRESSIBLE = /\.(?:html|js|css|svg|json|wasm|map)$/;
const SMALLEST_BYTES = 512;

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path)));
    else found.push(path);
  }
  return found;
}

/** Writes a .gz beside each text file of the output: the server sends it as it stands. */
export function precompress(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'tongping-precompress',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    async closeBundle() {
      const folder = resolve(config.root, config.build.outDir);
      for (const path of await filesBelow(folder)) {
        if (!COMPRESSIBLE.test(path) || (await stat(path)).size < SMALLEST_BYTES) continue;
        await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

/** vue-i18n without `eval`: messages are interpreted, so the pages run under the strict policy. */
export const i18nFlags = {
  __VUE_I18N_FULL_INSTALL__: 'false',
  __VUE_I18N_LEGACY_API__: 'false',
  __INTLIFY_PROD_DEVTOOLS__: 'false',
  __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  __VUE_OPTIONS_API__: 'true',
  __VUE_PROD_DEVTOOLS__: 'false',
};

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const alias = {
  '@tongping/shared': pathOf('../shared/src'),
  // The package's ESM entry imports a file that it does not ship; its CommonJS entry is whole.
  'libsodium-wrappers': pathOf('../node_modules/libsodium-wrappers/dist/modules/libsodium-wrappers.js'),
};
