// What overlay shaders share: the scene's depth, and whether a place is hidden behind it.
#ifdef MULTISAMPLED
layout(set = 0, binding = 4) uniform sampler2DMS sceneDepth;
#else
layout(set = 0, binding = 4) uniform sampler2D sceneDepth;
#endif

// Distance along the view axis of what is drawn at a pixel; very far where there is only sky.
float sceneDistance(ivec2 pixel) {
    ivec2 low = ivec2(view.target.xy), high = low + ivec2(view.target.zw) - 1;
    float d = texelFetch(sceneDepth, clamp(pixel, low, high), 0).r;
    return view.clipFromEye[3].z / max(d, 1e-9); // reversed infinite depth: near / distance
}

// Marks lie on what they mark: some slack keeps the ground and the wall behind them from hiding them.
bool hiddenAt(float distance, ivec2 pixel) { return distance * 0.994 - 0.6 > sceneDistance(pixel); }

vec2 pixelFromClip(vec4 clip) { return view.target.xy + (clip.xy / clip.w * 0.5 + 0.5) * view.target.zw; }
vec4 clipFromPixel(vec2 pixel, float z, float w) {
    vec2 ndc = (pixel - view.target.xy) / view.target.zw * 2 - 1;
    return vec4(ndc * w, z, w);
}
