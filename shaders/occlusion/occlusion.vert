#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/fullscreen.glsl"
void main() { fullscreen(0); }
