module.exports = globalThis.temporalMessageTypes
