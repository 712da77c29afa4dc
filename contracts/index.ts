// Everything that crosses a boundary, in one import.

export * from './activation.ts'
export * from './batch.ts'
export * from './dead-letter-text.ts'
export * from './events.ts'
export * from './failures.ts'
export * from './handling.ts'
export * from './limits.ts'
export * from './names.ts'
export * from './personal.ts'
export * from './reasons.ts'
export * from './tables.ts'
export * from './views.ts'
