/**
 * Versions of kreuzwerker/docker that are used. The bindings name 3.6.2, whose plan deletes stopped containers;
 * 4.5 accepts everything the bindings write and keeps them.
 */
export const DOCKER_PROVIDER_VERSION = "~> 4.5";
