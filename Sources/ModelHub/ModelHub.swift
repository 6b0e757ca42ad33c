// Takes shape with the first type of this module.
