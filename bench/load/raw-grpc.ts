// gRPC methods whose messages are bytes, and the tags of protocol buffers: for stand-ins, which need no message types.

const bytes = (buffer: Buffer): Buffer => buffer

/** A unary method that passes bytes through. @param path such as `/google.pubsub.v1.Subscriber/Pull` */
export const rawMethod = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
})

/** The tag of a length-delimited field: a text, bytes or a message. */
export const field = (number: number): number => (number << 3) | 2
