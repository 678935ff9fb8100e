// One triangle over the whole viewport; `ndc` is y down.
layout(location = 0) out vec2 outNdc;
void fullscreen(float depth) {
    vec2 p = vec2(gl_VertexIndex == 1 ? 3 : -1, gl_VertexIndex == 2 ? 3 : -1);
    outNdc = p;
    gl_Position = vec4(p, depth, 1);
}
