// A unary gRPC method that passes bytes through: for scripted servers, which need no message types.

const bytes = (buffer: Buffer): Buffer => buffer

/** @param path such as `/google.pubsub.v1.Subscriber/Pull` */
export const rawMethod = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
})
