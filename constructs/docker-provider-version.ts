/**
 * Version constraint for kreuzwerker/docker. The bindings name 3.6.2, which deletes stopped containers when it plans;
 * 4.5 keeps them and accepts everything the bindings write.
 */
export const DOCKER_PROVIDER_VERSION = "~> 4.5";
