// What a marked message does to the activity that its mark names.

export const HARM = ['spins', 'spins-later', 'allocates'] as const

export type Harm = (typeof HARM)[number]

/** The step in which every message is read, whichever activity does that. */
export const READING = 'reading'

export const markOf = (harm: Harm, step: string): string => `poison:${harm}:${step}:`
