// Finds a Chromium on this machine and opens pages in it, without a window.

import { type Browser, chromium } from 'playwright-core'
import { findProgram, isExecutable } from './programs.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** What a test that needs it says where there is none. */
export const NO_CHROMIUM =
  'skipped, there is no chromium on the PATH: apt-get install --no-install-recommends chromium'

/** The program, or undefined; `CHROMIUM` names another. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM']
  if (named !== undefined && isExecutable(named)) return named
  return NAMES.map(findProgram).find((program) => program !== undefined)
}

export function launchChromium(executablePath: string): Promise<Browser> {
  // Chromium refuses its sandbox to root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args })
}
