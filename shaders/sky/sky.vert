#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/fullscreen.glsl"
void main() { fullscreen(0); } // reversed depth: 0 is infinitely far
